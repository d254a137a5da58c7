export const describe = () => '';
