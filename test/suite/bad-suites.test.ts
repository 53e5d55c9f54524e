import { describe, expect, it } from 'vitest';
import { SuiteError } from '../../src/errors.js';
import { stream } from '../../src/random.js';
import { readSuite } from '../../src/suite/load.js';
import { decodeText } from '../../src/suite/yaml.js';
import { members, rightSuite } from './members.js';

/** What is wrong with a text, as the lines that a person reads, without the file's name; null where nothing is. */
async function complaints(text: string): Promise<readonly string[] | null> {
  try {
    await readSuite(text, 's.yaml', members);
    return null;
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    const lines = error.where === undefined ? error.message.split('\n') : [`${error.where}: ${error.message}`];
    expect(error.fix).toBeTruthy();
    return lines.map((line) => line.replace(/^s\.yaml: ?/, ''));
  }
}

const edited = (from: string, to: string): string => {
  expect(rightSuite).toContain(from);
  return rightSuite.replace(from, () => to);
};

/** [what stands in the right suite, what a person wrote instead, the lines expected] */
const slips: readonly (readonly [string, string, readonly string[]])[] = [
  ['seeds: 2', 'sedes: 2', ['3:1: sedes: unknown key "sedes"; did you mean "seeds"?']],
  ['seeds: 2', 'seeds: 0', ['3:8: seeds: must be >= 1, is 0']],
  ['seeds: 2', 'seeds: 2\nsnapshots: { at: [0.5, 1] }', ['4:24: snapshots.at[1]: must be < 1, is 1']],
  ['seeds: 2', 'seeds: 2\nsnapshots: { at: [0.5], protocols: [kn] }', ['4:37: snapshots.protocols[0]: "kn" is not valid here; did you mean "knn"?']],
  ['  knn: {}\n', 'snapshots: { at: [0.5], protocols: [knn] }\n', ['24:37: snapshots.protocols[0]: the suite does not use the protocol "knn"; add it to protocols, or remove it here']],
  ['  knn: {}\n', 'snapshots: { at: [0.5] }\n', ['24:1: snapshots: no protocol of the suite works on a frozen encoder; name those that judge snapshots: protocols: [fine-tune]']],
  ['seeds: 2', 'seeds: two', ['3:8: seeds: must be a whole number or a list of whole numbers, is "two"']],
  ['seeds: 2', 'seeds: 1.5', ['3:8: seeds: must be a whole number or a list of whole numbers, is 1.5']],
  ['seeds: 2', 'seeds: [0, 0]', ['3:12: seeds[1]: 0 stands twice in the list (items 1 and 2)']],
  ['seeds: 2', 'seeds: []', ['3:8: seeds: must not be empty']],
  ['seeds: 2', 'seeds: [0, -1]', ['3:12: seeds[1]: must be >= 0, is -1']],
  ['seeds: 2', 'seeds: 2\nseeds: 3', ['4:1: seeds: this key stands twice in one mapping']],
  ['seeds: 2', 'seeds: .nan', ['3:8: seeds: NaN is not a number that a suite can hold']],
  ['seeds: 2', 'seeds: 1e999', ['3:8: seeds: Infinity is not a number that a suite can hold']],
  ['seeds: 2', 'seeds: 123456789012345678901', ['3:8: seeds: 123456789012345680000 is too large to be held exactly']],
  ['name: small', 'name: a b', ['1:7: name: "a b" is not a name: names have letters, digits, "-", "_" and ".", and begin with a letter or digit']],
  ['name: small', 'name:', ['1:6: name: must be a string, is null (empty)']],
  ['name: small\n', '', ['1:1: the key "name" is missing']],
  ["tasks: [emoji/animals, emoji/vehicles]\n", '', ['1:1: the key "tasks" is missing']],
  ['name: small', 'name: ../../etc', ['1:7: name: "../../etc" is not a name: names have letters, digits, "-", "_" and ".", and begin with a letter or digit']],
  ['method: mae }', 'method: mea }', ['19:26: entries[1].method: "mea" is not valid here; did you mean "mae"?']],
  ['method: mae }', 'method: 3 }', ['19:26: entries[1].method: must be one of mae, moce, scratch, checkpoint, is 3']],
  ['mask_ratio: 0.6', 'mask_ratoi: 0.6', ['9:5: methods.mae.mask_ratoi: unknown key "mask_ratoi"; did you mean "mask_ratio"?']],
  ['mask_ratio: 0.6', 'mask_ratio: 1.5', ['9:17: methods.mae.mask_ratio: must be < 1, is 1.5']],
  ['mask_ratio: 0.6', 'mask_ratio: high', ['9:17: methods.mae.mask_ratio: must be a number, is "high"']],
  ['decoder: { width: 64 }', 'decoder: { widht: 64 }', ['10:16: methods.mae.decoder.widht: unknown key "widht"; did you mean "width"?']],
  ['decoder: { depth: 1 }', 'decoder: { dept: 1 }', ['20:61: entries[2].decoder.dept: unknown key "dept"; did you mean "depth"?']],
  ['decoder: { depth: 1 }', 'decoder: { depth: 0 }', ['20:68: entries[2].decoder.depth: must be >= 1, is 0']],
  ['method: mae, subset: split-a', 'method: mae, subset: split-c', ['20:41: entries[2].subset: "split-c" is not valid here; did you mean "split-a"?']],
  ['method: mae, subset: split-a', 'method: mae, subest: split-a', ['20:33: entries[2].subest: unknown key "subest"; did you mean "subset"?']],
  ['method: scratch', 'method: scratch\n    subset: full', ['18:5: entries[0].subset: unknown key "subset"; "scratch" pre-trains on nothing']],
  ['method: mae }', 'method: mae, data: emojis }', ['19:37: entries[1].data: no data set is called "emojis"; did you mean "emoji"?']],
  ['method: mae }', 'method: mae, options: { mask_ratio: 0.5 } }', ['19:31: entries[1].options: unknown key "options"; the options of a method stand beside "method" itself']],
  ['name: mae-a', 'name: mae', ['20:13: entries[2].name: "mae" is the name of entries[1] too; each entry needs its own']],
  ['method: mae }', 'method: mae, start: mae-b }', ['19:38: entries[1].start: no entry is called "mae-b"; did you mean "mae-a"?']],
  ['method: mae }', 'method: mae, start: scratch }', ['19:38: entries[1].start: "scratch" is a scratch; mae can begin with mae only']],
  ['method: mae }', 'method: mae, start: mae }', ['19:38: entries[1].start: "mae" begins in the end with "mae" itself; one of them must begin with nothing']],
  ['method: mae }', 'method: moce }', ['19:5: entries[1]: the key "start" is missing: moce begins with a finished mae; name such an entry']],
  ['method: scratch', 'method: scratch\n    start: mae', ['18:5: entries[0].start: unknown key "start"; valid: method, name, title, protocols']],
  ['reference: mae', 'reference: mae-b', ['14:12: reference: no entry is called "mae-b"; did you mean "mae-a"?']],
  ['emoji/animals,', 'emoji/animal,', ['21:9: tasks[0]: "emoji" has no task "animal"; did you mean "animals"?']],
  ['emoji/animals,', 'emoij/animals,', ['21:9: tasks[0]: no data set is called "emoij"; did you mean "emoji"?']],
  ['emoji/animals,', 'animals,', ['21:9: tasks[0]: "animals" names no data set; write <data set>/<task>, for example emoji/animals']],
  ['emoji/animals,', 'emoji,', ['21:9: tasks[0]: "emoji" names a data set without a task; write <data set>/<task>, for example emoji/animals']],
  ['emoji/animals,', 'emoji/,', ['21:9: tasks[0]: "emoji/" names a data set without a task; write <data set>/<task>, for example emoji/animals']],
  ['emoji/animals,', '/animals,', ['21:9: tasks[0]: "/animals" names no data set; write <data set>/<task>, for example emoji/animals']],
  ['emoji/animals,', 'emoij/,', ['21:9: tasks[0]: no data set is called "emoij"; did you mean "emoji"?']],
  ['emoji/animals,', 'emoji/tuning,', ['21:9: tasks[0]: "tuning" is a development task: it was used for tuning, so its numbers cannot be reported; choose another, or say development: true']],
  ['emoji/animals,', 'emoji/vehicles,', ['21:25: tasks[1]: "emoji/vehicles" stands twice in the list (items 1 and 2)']],
  ['emoji/animals,', 'emoji/zzzzzzzz,', ['21:9: tasks[0]: "emoji" has no task "zzzzzzzz"; valid: animals, vehicles']],
  ['[emoji/animals, emoji/vehicles]', '[]', ['21:8: tasks: must not be empty']],
  ['[emoji/animals, emoji/vehicles]', 'emoji/animals', ['21:8: tasks: must be a list of strings, is "emoji/animals"']],
  ['{ source: emoji }', '{ source: emojii }', ['6:20: data.emoji.source: "emojii" is not valid here; did you mean "emoji"?']],
  ['{ source: emoji }', '{ sourc: emoji }', ['6:3: data.emoji: the key "source" is missing; is "sourc" meant to be it?']],
  ['{ source: emoji }', '{ source: emoji, artist: few }', ['6:27: data.emoji.artist: unknown key "artist"; did you mean "artists"?']],
  ['{ source: emoji }', '{ source: emoji, artists: fwe }', ['6:36: data.emoji.artists: "fwe" is not valid here; did you mean "few"?']],
  ['{ source: emoji }', '{ source: folder }', ['6:3: data.emoji: the key "path" is missing']],
  ['emoji: { source: emoji }', 'emoji: emoji', ['6:10: data.emoji: must be a mapping, is "emoji"']],
  ['image_size: 32', 'image_size: 30', ['4:36: model.image_size: must be a multiple of patch_size (8), is 30']],
  ['heads: 4', 'heads: 5', ['4:62: model.width: must be a multiple of heads (5), is 128']],
  ['heads: 4', 'heads: 4, mlp_ratio: 0.001', ['4:98: model.mlp_ratio: 0.001 of the width 128 is less than one neuron']],
  ['width: 128, ', '', ['4:1: model: the key "width" is missing; a custom model needs width, depth and heads']],
  ['name: custom', 'name: vit_tiny', [
    '4:64: model.width: vit_tiny has width 192, not 128; remove this line, or say name: custom',
    '4:76: model.depth: vit_tiny has depth 12, not 4; remove this line, or say name: custom',
    '4:86: model.heads: vit_tiny has heads 3, not 4; remove this line, or say name: custom',
  ]],
  ['name: custom', 'name: vit_tinny', ['4:16: model.name: "vit_tinny" is not valid here; did you mean "vit_tiny"?']],
  ['fine-tune: { lr: [0.001, 0.01] }', 'finetune: { lr: 0.1 }', [
    '18:18: entries[0].protocols.fine-tune: the suite does not use the protocol "fine-tune"; add it to protocols, or remove it here',
    '23:3: protocols.finetune: unknown key "finetune"; did you mean "fine-tune"?',
  ]],
  ['lr: [0.001, 0.01]', 'lr: fast', ['23:20: protocols.fine-tune.lr: must be a number or a list of numbers, is "fast"']],
  ['lr: [0.001, 0.01]', 'lr: [0.001, -1]', ['23:28: protocols.fine-tune.lr[1]: must be > 0, is -1']],
  ['lr: [0.001, 0.01]', 'lr: -1', ['23:20: protocols.fine-tune.lr: must be > 0, is -1']],
  ['lr: [0.001, 0.01]', 'lr: []', ['23:20: protocols.fine-tune.lr: must not be empty']],
  ['lr: [0.001, 0.01]', 'lr: [0.1, 0.1]', ['23:26: protocols.fine-tune.lr[1]: 0.1 stands twice in the list (items 1 and 2)']],
  ['layer_decay: 1.0', 'layer_decay: 2', ['18:44: entries[0].protocols.fine-tune.layer_decay: must be <= 1, is 2']],
  ['layer_decay: 1.0', 'steps: 5', ['18:31: entries[0].protocols.fine-tune.steps: an entry cannot change "steps": it would be judged by another protocol than the others; it may change what is searched (lr, layer_decay)']],
  ['layer_decay: 1.0', 'layer_decay: [0.5, 1]', ['18:18: entries[0].protocols.fine-tune: tries 4 configurations where the other entries try 2; give lists whose lengths multiply to 2']],
  ['layer_decay: 1.0', 'layer_dekay: 1', ['18:31: entries[0].protocols.fine-tune.layer_dekay: unknown key "layer_dekay"; did you mean "layer_decay"?']],
  ['protocols: { fine-tune: { layer_decay: 1.0 } }', 'protocols: { knn: { k: 0 } }', ['18:28: entries[0].protocols.knn.k: must be >= 1, is 0']],
  ['  knn: {}', '  knn:', ['24:7: protocols.knn: must be a mapping, is null (empty)']],
  ['batch_size: 256', 'batch_size: 0', ['12:15: pretrain.batch_size: must be >= 1, is 0']],
  ['  batch_size: 256\n', '', [
    '18:5: entries[1]: the key "batch_size" is missing; give it here, or for all entries under pretrain',
    '19:5: entries[2]: the key "batch_size" is missing; give it here, or for all entries under pretrain',
  ]],
  ['schedule: { epochs: 10 }', 'schedule: { of: split-a }', [
    '19:5: entries[1]: the key "schedule.epochs" is missing; give it here, or for all entries under pretrain',
    '20:5: entries[2]: the key "schedule.epochs" is missing; give it here, or for all entries under pretrain',
  ]],
  ['schedule: { epochs: 10 }', 'schedule: 10', ['13:13: pretrain.schedule: must be a mapping, is 10']],
  ['seeds: 2', 'seeds: 2\nengine: { thread: 4 }', ['4:11: engine.thread: unknown key "thread"; did you mean "threads"?']],
  ['seeds: 2', 'seeds: 2\nengine: { precision: fp16 }', ['4:22: engine.precision: "fp16" is not valid here; did you mean "bf16"?']],
  ['seeds: 2', 'seeds: 2\nengine: { device: nvidia }', ['4:19: engine.device: "nvidia" is not valid here; valid: auto, cpu, cuda']],
  ['title: A small suite', 'title: [1]', ['2:8: title: must be a string, is a list']],
  ['title: A small suite', 'title: "unclosed', ['2:8: not valid YAML: Missing closing "quote']],
  ['title: A small suite', 'title: A: small', ['2:8: not valid YAML: Nested mappings are not allowed in compact mappings']],
  ['title: A small suite', '\ttitle: x', ['2:1: not valid YAML: Tabs are not allowed as indentation']],
  ['title: A small suite', 'title: *nope', ['2:8: title: the alias *nope names no anchor above it']],
  ['title: A small suite', 'title: !!js/function "x"', ['2:8: not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function']],
  ['title: A small suite', 'title: !!binary "aGVsbG8="', ['2:17: title: this is not plain data']],
  ['title: A small suite', '1: x', ['2:1: the key 1 is not a string']],
  ['title: A small suite', '__proto__: { a: 1 }', ['2:1: __proto__: unknown key "__proto__"; valid: name, title, description, development, seeds, engine, model, reference, speed, snapshots, attention, tasks, and 7 more']],
  ['title: A small suite', 'constructor: 1', ['2:1: constructor: unknown key "constructor"; valid: name, title, description, development, seeds, engine, model, reference, speed, snapshots, attention, tasks, and 7 more']],
  ['title: A small suite', '? [a, b]\n: x', ['2:3: the key of a pair is not a string']],
  ['title: A small suite', '<<: { title: x }', ['2:1: <<: unknown key "<<"; valid: name, title, description, development, seeds, engine, model, reference, speed, snapshots, attention, tasks, and 7 more']],
  ['title: A small suite', 'description: &a [*a]', ['2:18: description[0]: the alias *a lies inside of what it stands for']],
  ['entries:', 'entires:', [
    '1:1: the key "entries" is missing; is "entires" meant to be it?',
    '15:1: entires: unknown key "entires"; did you mean "entries"?',
  ]],
  ['entries:\n', 'entries: []\nx:\n', [
    '15:10: entries: must not be empty',
    '16:1: x: unknown key "x"; valid: name, title, description, development, seeds, engine, model, reference, speed, snapshots, attention, tasks, and 7 more',
  ]],
  ['seeds: 2', 'seeds: two\nsedes: 3\nreference: mea', [
    '3:8: seeds: must be a whole number or a list of whole numbers, is "two"',
    '4:1: sedes: unknown key "sedes"; did you mean "seeds"?',
    '16:1: reference: this key stands twice in one mapping',
  ]],
  ['  - name: scratch\n', '  - { name: mine, method: checkpoint }\n  - name: scratch\n', ['16:5: entries[0]: the key "path" is missing']],
  ['  - name: scratch\n', '  - just text\n  - name: scratch\n', ['16:5: entries[0]: must be a mapping, is "just text"']],
  ['data:\n', 'data:\n  more: { source: emoji }\n', [
    '20:5: entries[1]: the key "data" is missing; give it here, or for all entries under pretrain',
    '21:5: entries[2]: the key "data" is missing; give it here, or for all entries under pretrain',
  ]],
  ['data:\n', 'data:\n  a/b: { source: emoji }\npretrain2:\n', [
    '6:3: data.a/b: "a/b" is not a name: names have letters, digits, "-", "_" and ".", and begin with a letter or digit, at most 64 of them',
    '7:1: pretrain2: unknown key "pretrain2"; did you mean "pretrain"?',
    '23:9: tasks[0]: no data set is called "emoji"; valid: a/b',
    '23:24: tasks[1]: no data set is called "emoji"; valid: a/b',
  ]],
];

it('finds nothing wrong in the right suite', async () => {
  expect(await complaints(rightSuite)).toBeNull();
});

describe('a slip in a right suite', () => {
  it.each(slips)('%j written %j', async (from, to, expected) => {
    expect(await complaints(edited(from, to))).toEqual(expected);
  });
});

const bomb = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, depth, names) => `${name}: &${name} [${Array(10).fill(depth === 0 ? 'x' : `*${names[depth - 1]}`).join(', ')}]`).join('\n');

describe('a file that is no suite', () => {
  it.each([
    ['empty', '', ['the file is empty']],
    ['blank', ' \n\n', ['the file is empty']],
    ['a comment only', '# nothing\n', ['the file is empty']],
    ['an empty document', '---\n', ['the file is empty']],
    ['a string', 'just a string', ['1:1: a suite is a mapping (name: ..., model: ..., entries: ...), this is "just a string"']],
    ['a list', '- a\n- b', ['1:1: a suite is a mapping (name: ..., model: ..., entries: ...), this is a list']],
    ['two documents', '---\nname: a\n---\nname: b\n', ['3:1: the file holds more than one YAML document']],
    ['another YAML version', '%YAML 1.1\n---\nname: a\n', ['1:1: YAML 1.1 reads values otherwise than 1.2']],
    ['an alias that explodes', bomb, ['5:16: e[2][9][8][0]: the file comes to more than 50000 values']],
    ['thousands of aliases', `a: &a x\nb:\n${'  - *a\n'.repeat(30_000)}`, ['25001:5: b[24998]: the file comes to more than 50000 values']],
    ['brackets without end', '['.repeat(200_000), ['1:41: nested more than 40 levels deep']],
    ['mappings without end', '{a: '.repeat(50_000), ['1:158: nested more than 40 levels deep']],
    ['lists without end', '- '.repeat(100_000), ['1:81: nested more than 40 levels deep']],
    ['keys without end', '? '.repeat(100_000), ['1:81: nested more than 40 levels deep']],
    ['an open bracket', '{"name": "x"', ['1:13: not valid YAML: Flow map must end with a }']],
  ])('%s', async (_, text, expected) => {
    expect(await complaints(text)).toEqual(expected);
  });

  const decoding = (bytes: Uint8Array): string => {
    try {
      return decodeText(bytes, 's.yaml');
    } catch (error) {
      return (error as SuiteError).describe();
    }
  };

  it.each([
    ['more than 250 kB', new Uint8Array(250_001).fill(35), /^s\.yaml: the file has 250001 bytes; a suite has at most 250000/],
    ['not UTF-8', Uint8Array.of(0x6e, 0xff, 0xfe), /^s\.yaml: the file is not UTF-8 text/],
    ['binary', Uint8Array.of(0x50, 0x4b, 0x0a, 0x03, 0x04), /^s\.yaml:2:1: the file holds control characters/],
    ['of zero bytes', new Uint8Array(0), /^s\.yaml: the file is empty/],
  ])('%s', (_, bytes, expected) => {
    expect(decoding(bytes)).toMatch(expected);
  });
});

describe('whatever the text', () => {
  /** A SuiteError with a place, or a suite; never anything else. */
  const survives = async (text: string): Promise<'suite' | 'error'> => {
    try {
      await readSuite(text, 's.yaml', members);
      return 'suite';
    } catch (error) {
      if (error instanceof SuiteError && error.describe().startsWith('s.yaml')) return 'error';
      throw new Error(`for the text ${JSON.stringify(text)}`, { cause: error });
    }
  };

  it('random bytes are refused with a place', async () => {
    for (let round = 0; round < 200; round++) {
      const draw = stream(7, 'test/suite-bytes', round);
      const bytes = Uint8Array.from({ length: 1 + draw.integer(60) }, () => draw.integer(256));
      let text: string;
      try {
        text = decodeText(bytes, 's.yaml');
      } catch (error) {
        expect(error).toBeInstanceOf(SuiteError);
        continue;
      }
      expect(await survives(text)).toBe('error');
    }
  });

  it('random YAML is refused with a place', async () => {
    const pieces = ['a', 'name', ': ', ':\n', '- ', '\n', '  ', '{', '}', '[', ']', ',', '&x ', '*x', '"', "'", '|\n', '>\n', '? ', '!t ', '#', '~', '1', '.inf', '%', '---\n', '...\n', '<<: ', 'entries', 'protocols', '\t'];
    for (let round = 0; round < 300; round++) {
      const draw = stream(7, 'test/suite-pieces', round);
      const text = Array.from({ length: 1 + draw.integer(30) }, () => pieces[draw.integer(pieces.length)]).join('');
      expect(await survives(text)).toBe('error');
    }
  });

  it('a right suite with lines and letters lost, doubled or swapped is read or refused with a place', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 150; round++) {
      const draw = stream(7, 'test/suite-mutations', round);
      let text = rightSuite;
      for (let edit = 0; edit <= draw.integer(3); edit++) {
        const start = draw.integer(text.length);
        const length = draw.integer(12);
        const replacement = [ '', text.slice(start, start + length).repeat(2), ' ', '\n', text.slice(draw.integer(text.length)).slice(0, length)][draw.integer(5)]!;
        text = text.slice(0, start) + replacement + text.slice(start + length);
      }
      seen.add(await survives(text));
    }
    // Both happen: the edits are neither always harmless nor always fatal.
    expect(seen).toEqual(new Set(['suite', 'error']));
  });

  it('the file can be replaced by any value at any place of it', async () => {
    const values = ['null', 'true', '-1', '1.5', '"text"', '[]', '{}', '[[1]]', '{ a: { b: 1 } }'];
    const lines = rightSuite.split('\n');
    for (const [index, line] of lines.entries()) {
      const key = /^(\s*(?:- )?[\w-]+:)/.exec(line)?.[1];
      if (key === undefined) continue;
      for (const value of values) await survives([...lines.slice(0, index), `${key} ${value}`, ...lines.slice(index + 1)].join('\n'));
    }
  });
});
