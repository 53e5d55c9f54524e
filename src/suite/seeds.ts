/** What a suite, and the options that stand for its `seeds`, may say. */
export const mostSeeds = 1000;
export const largestSeed = 2 ** 32 - 1;
