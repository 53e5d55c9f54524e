import { parseDocument } from 'yaml';

/** A suite's text with `engine.precision`, to be read from any folder: without its schema's path and its files of claims. */
export function inPrecision(text, precision) {
  const document = parseDocument(text);
  document.setIn(['engine', 'precision'], precision);
  document.delete('$schema');
  document.delete('claims');
  return String(document);
}
