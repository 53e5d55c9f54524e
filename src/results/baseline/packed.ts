import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { CompactImages } from './types.js';

type Detected = Extract<CompactImages, { readonly kind: 'detection' }>;

/** Bytes of text that an image's matches can take, some five times what a hundred detections of eighty classes do: a file can claim anything. */
const most = 2 ** 16;

/** How detections were matched, as a baseline's file holds it: in plain JSON they would be nine tenths of the file. */
export const packed = ({ box, mask }: Detected): string => deflateRawSync(JSON.stringify({ box, mask }), { level: 9 }).toString('base64');

/** What `packed` has packed of so many images, unchecked. Throws where it is no deflated JSON, and where it is too much. */
export const unpacked = (text: string, images: number): unknown => JSON.parse(inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: most * (images + 1) }).toString('utf8')) as unknown;
