/** What the webhook of the key service is posted: warnings of keys. Times are RFC 3339 in UTC. */
export interface KeyNoticeMessage {
  type: 'key.expires_soon' | 'key.unused' | 'key.rotation_due';
  /** When the warning was due first. */
  timestamp: string;
  data: {
    key_id: string;
    key_prefix: string;
    name: string;
    user_id: string | null;
    service_id: string;
    environment: string;
    /** Days before the end, or without use, that the warning is for; of a key that is due for rotation its age. */
    days: number;
    expires_at: string | null;
    last_used_at: string | null;
  };
}
