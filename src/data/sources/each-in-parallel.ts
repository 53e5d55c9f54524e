/** Runs `work(i)` for i in 0..count-1, at most `lanes` at a time. After the first failure no more are begun. */
export async function eachInParallel(count: number, lanes: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    try {
      for (let index = next++; index < count; index = next++) await work(index);
    } catch (error) {
      next = count;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, lanes) }, lane));
}

/** The same for the results, in order. */
export async function mapInParallel<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  await eachInParallel(items.length, lanes, async (index) => { results[index] = await work(items[index]!); });
  return results;
}

/** Files that are read at the same time: more gain nothing, and each is open. */
export const filesAtOnce = 16;
