/** A 53-bit number from a record's id (FNV-1a over UTF-16 units, two lanes): a seed for draws that belong to the record. */
export function hashId(id: string): number {
  let high = 0x811c9dc5;
  let low = 0xcbf29ce4;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit ^ (high >>> 16), 0x01000193);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
