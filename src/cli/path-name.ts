import { InvalidArgumentError } from 'commander';

/** Reads an option's file or folder. An empty one, of a shell variable that is not set, would be the current folder. */
export function pathName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty: give a name, or leave the option out.');
  return text;
}
