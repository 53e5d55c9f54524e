import { readFile } from 'node:fs/promises';
import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { DataError } from '../../../errors.js';
import type { AnnotatedObject, PictureSize } from '../../dense.js';
import { boxInPicture } from '../in-picture.js';

/** What an annotation file says. Classes by name. */
export interface VocPicture { readonly size: PictureSize; readonly objects: readonly (Omit<AnnotatedObject, 'id' | 'category'> & { readonly name: string })[] }

const childrenOf = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child): child is XmlElement => child instanceof XmlElement && child.name === name);
const textOf = (element: XmlElement | undefined, name: string): string | undefined => (element === undefined ? undefined : childrenOf(element, name)[0]?.text.trim());

/**
 * Reads a Pascal VOC annotation: boxes of whole pixels, counted from 1, both ends within the box. Parts of objects are passed
 * over. DataError with file, number of the object and reason for anything that is malformed.
 */
export async function readVoc(path: string): Promise<VocPicture> {
  const wrong = (reason: string, cause?: unknown): DataError =>
    new DataError(reason, { where: path, fix: 'Correct the file: it is to be a Pascal VOC annotation.', ...(cause === undefined ? {} : { cause }) });
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw wrong('the annotation cannot be read', cause);
  });
  let root: XmlElement | null;
  try {
    ({ root } = parseXml(text));
  } catch (cause) {
    throw wrong(`is no XML: ${cause instanceof Error ? cause.message.split('\n')[0]! : ''}`, cause);
  }
  if (root?.name !== 'annotation') throw wrong('has no element annotation');
  const size = childrenOf(root, 'size')[0];
  const [height, width] = ['height', 'width'].map((side) => Number(textOf(size, side))) as [number, number];
  if (![height, width].every((side) => Number.isInteger(side) && side > 0)) throw wrong('has no size of the picture');
  const objects = childrenOf(root, 'object').map((object, at): VocPicture['objects'][number] => {
    const name = textOf(object, 'name') ?? '';
    if (name === '') throw wrong(`the object ${at + 1} has no name`);
    const difficult = textOf(object, 'difficult') ?? '0';
    if (difficult !== '0' && difficult !== '1') throw wrong(`the object ${at + 1} (${name}) is wrong: its difficult is '${difficult}', neither 0 nor 1`);
    const bounds = childrenOf(object, 'bndbox')[0];
    if (bounds === undefined) throw wrong(`the object ${at + 1} (${name}) has no bndbox`);
    const [left, top, right, bottom] = ['xmin', 'ymin', 'xmax', 'ymax'].map((end) => {
      const number = textOf(bounds, end) ?? '';
      if (number === '' || !Number.isFinite(Number(number))) throw wrong(`the object ${at + 1} (${name}) is wrong: its ${end} is ${number === '' ? 'missing' : `'${number}'`}, no number`);
      return Number(number);
    }) as [number, number, number, number];
    const box = boxInPicture([left - 1, top - 1, right - left + 1, bottom - top + 1], { height, width });
    if (typeof box === 'string') throw wrong(`the object ${at + 1} (${name}) is wrong: ${box}`);
    return { name, box, area: box[2] * box[3], mask: null, crowd: false, difficult: difficult === '1' };
  });
  return { size: { height, width }, objects };
}
