import { open } from 'node:fs/promises';
import { CheckpointError } from '../../errors.js';

const convert = "Write the model's tensors as safetensors first: docs/checkpoints.md has the two lines of Python.";

/** What people give for a safetensors file, by its first bytes. */
const others = [
  { starts: /^PK\x03\x04/, what: 'a zip archive, as torch.save writes it', fix: convert },
  { starts: /^\x80[\x02-\x05]/, what: 'a Python pickle, as torch.save wrote it before PyTorch 1.6', fix: convert },
  { starts: /^\x93NUMPY/, what: 'a NumPy array', fix: convert },
  { starts: /^\x89HDF/, what: 'an HDF5 file', fix: convert },
  { starts: /^version https:\/\/git-lfs/, what: 'a Git LFS pointer, which stands for the real file', fix: 'Fetch the real file: git lfs pull.' },
  { starts: /^\s*<(!doctype|html)/i, what: 'a web page', fix: 'Download the file itself: the link leads to the page about it.' },
] as const;

/** Refuses files of other formats that are often given, by name. A file that cannot be opened is for the reader to say. */
export async function refuseOtherFormats(path: string): Promise<void> {
  const start = await firstBytes(path).catch(() => '');
  // A safetensors header starts at its ninth byte; its length, before it, may begin like anything.
  const other = start[8] === '{' ? undefined : others.find(({ starts }) => starts.test(start));
  if (other !== undefined) throw new CheckpointError(`is ${other.what}, and no safetensors file`, { where: path, fix: other.fix });
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
