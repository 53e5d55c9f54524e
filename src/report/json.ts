import { recordPieces } from '../results/record-text.js';
import type { Format } from './format.js';

/** The run record itself (schemas/results.schema.json): `maskbench report --from` makes the report again from it. */
export const json: Format = {
  name: 'json',
  file: 'results.json',
  render: ({ record }) => [...recordPieces(record)].join(''),
  pieces: ({ record }) => recordPieces(record),
};
