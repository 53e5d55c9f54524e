import { InvalidArgumentError } from 'commander';

/** Reads an option's whole number. */
export const wholeNumber = (limit: number, least = 1) => (text: string): number => {
  if (!/^(0|[1-9]\d*)$/.test(text) || Number(text) < least || Number(text) > limit) throw new InvalidArgumentError(`Give a whole number from ${least} to ${limit}.`);
  return Number(text);
};
