import { constants } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { DataError, messageOf } from '../../../errors.js';

/** What one text of this program can hold, in whole MiB of a file. */
const most = Math.floor(constants.MAX_STRING_LENGTH / 2 ** 20);

/** The text of a file of COCO's formats, which are read at once, without a byte order mark. DataError where there is no such file, where it is too long, and where it cannot be read. */
export async function jsonText(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > constants.MAX_STRING_LENGTH) throw tooLong(path);
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new DataError('there is no such file', { where: path, fix: 'Correct its path.', cause });
    // What comes through a pipe does not say how long it is.
    throw code === 'ERR_STRING_TOO_LONG' ? tooLong(path) : new DataError(`cannot be read: ${messageOf(cause)}`, { where: path, cause });
  }
}

const tooLong = (path: string): DataError => new DataError(`has more than ${most} MiB, and no more of a JSON file can be read`, {
  where: path,
  fix: "Make it smaller: run lengths as COCO's strings, no masks where boxes are all that is wanted; of results the 100 surest of each image and category, as no more count.",
});
