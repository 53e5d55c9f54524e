/**
 * Keeps the latest few results of a costly read: a worker serves many jobs that read the same inputs. The key is a folder
 * of the store, whose name holds the hash of what is in it and whose files never change.
 */
export function kept<Value>(limit: number, read: (key: string) => Promise<Value>): (key: string) => Promise<Value> {
  const values = new Map<string, Promise<Value>>();
  return (key) => {
    const known = values.get(key);
    values.delete(key);
    const value = known ?? read(key);
    values.set(key, value);
    // A read that failed may succeed next time.
    value.catch(() => { if (values.get(key) === value) values.delete(key); });
    for (const oldest of values.keys()) {
      if (values.size <= limit) break;
      values.delete(oldest);
    }
    return value;
  };
}
