import { shortHash } from '../../files.js';
import type { BaselineSpeed } from './types.js';

/** What a speed was measured of, in words: equal ones can be compared on equal machines. */
export const measurementOf = ({ batchSize, loaders, imagesHash, settings }: BaselineSpeed): string =>
  `${batchSize} images a step, ${loaders} loaders, images ${imagesHash.slice(0, 12)}, model and options ${settings}`;

/** Of a speed what a protocol's hash is of an accuracy. */
export const measurementHash = (speed: BaselineSpeed): string => shortHash(measurementOf(speed));
