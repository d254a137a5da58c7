/** Where `npm start` listens. */
export const DEFAULT_SERVER = 'http://127.0.0.1:8000';
