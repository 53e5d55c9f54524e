import { messageOf } from './errors.js';
import { codeOf } from './files.js';

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, no folder',
  EEXIST: 'something else has its name',
  EACCES: 'permission is denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system can only be read',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
};

/** Why the system refused a file or folder, for a person; what the error says where it has no common code. */
export const systemReason = (error: unknown): string => systemReasons[codeOf(error) ?? ''] ?? messageOf(error);
