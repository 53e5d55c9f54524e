import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { CompactImages } from './types.js';

type Detected = Extract<CompactImages, { readonly kind: 'detection' }>;

/** Of the text that a file unpacks to, in bytes: a file can claim anything. */
const most = 2 ** 28;

/** How detections were matched, as a baseline's file holds it: in plain JSON they would be nine tenths of the file. */
export const packed = ({ box, mask }: Detected): string => deflateRawSync(JSON.stringify({ box, mask }), { level: 9 }).toString('base64');

/** What `packed` has packed, unchecked. Throws where it is no deflated JSON. */
export const unpacked = (text: string): unknown => JSON.parse(inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: most }).toString('utf8')) as unknown;
