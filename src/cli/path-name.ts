import { InvalidArgumentError } from 'commander';

/** Reads an option's file or folder. An empty one, of a shell variable that is not set, would be the current folder, and the next option is what follows a name that was forgotten. */
export function pathName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty: give a name, or leave the option out.');
  if (text.startsWith('--')) throw new InvalidArgumentError(`It looks like an option. Give a name before it, or write ./${text}.`);
  return text;
}
