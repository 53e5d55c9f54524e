import { jsonText } from '../../data/sources/coco/json-text.js';
import { DataError, messageOf } from '../../errors.js';

/** A number that JSON has not but Python writes, as a value. */
const notJson = /([:[,]\s*)(-?(?:NaN|Infinity))(?=\s*[,\]}])/g;

/** The content of a JSON file. Numbers that JSON has not come as texts, so that who reads them can say where they stand. DataError for anything else, and as `jsonText` says. */
export async function readEvalJson(path: string, fix: string): Promise<unknown> {
  const text = await jsonText(path);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    try {
      return JSON.parse(text.replace(notJson, '$1"$2"')) as unknown;
    } catch {
      throw new DataError(`is not JSON: ${messageOf(cause)}`, { where: path, fix, cause });
    }
  }
}
