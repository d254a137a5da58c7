/** Every limit that can refuse somebody, as metrics name it. */
export const limitNames = [
  'chats_created',
  'failed_joins',
  'failed_authentications',
  'messages',
  'signals',
  'read',
  'held_polls_per_address',
  'held_polls',
  'connections_per_address',
  'connections',
  'live_chats',
  'stored_bytes',
  'admin_logins',
] as const;
export type LimitName = (typeof limitNames)[number];
