import { DataError } from '../../../errors.js';
import type { JsonObject } from '../../../files.js';
import type { Annotations } from '../../dense.js';
import type { ImageRecord } from '../../image-set.js';
import type { DataSource } from '../../source.js';
import { emojiSource } from '../emoji/index.js';
import { FAMILIES } from '../emoji/sets.js';
import { conceptsOf, type SceneConcepts, sceneConcepts } from './concepts.js';
import type { Scene } from './scene.js';
import { backgroundClass, sceneTask, sceneTasks } from './tasks.js';

const optionsOf = (options: JsonObject) => {
  const development = options['development'] === true;
  return { size: options['size'] as number, perArtist: options['per_artist'] as number, development, concepts: conceptsOf(development) };
};

/** One a scene: all of a family's, family after family. */
const recordsOf = (perArtist: number): readonly ImageRecord[] =>
  FAMILIES.flatMap((family) => Array.from({ length: perArtist }, (_, number): ImageRecord =>
    ({ id: `${family}/${String(number).padStart(4, '0')}`, label: '', group: null, domain: family, split: null, side: null })));

/**
 * Scenes of 3 to 8 emoji on a textured background, with exact boxes and masks: the data set of the dense tasks that needs no
 * download. Every scene is drawn from one artist family's drawings, so the tasks' parts share no artist.
 */
export const emojiScenesSource: DataSource = {
  name: 'emoji_scenes',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      size: { type: 'integer', minimum: 48, maximum: 512, default: 96, description: 'Pixels a side of a scene.' },
      development: { type: 'boolean', default: false, description: 'true: scenes of other concepts, for tuning, that no reported task asks for.' },
      per_artist: { type: 'integer', minimum: sceneConcepts.length, maximum: 10_000, default: 50, description: 'Scenes by each of the six artist families.' },
    },
  },
  modules: ['data/sources/emoji-scenes/index.js', 'data/sources/emoji-scenes/scene.js', 'data/sources/emoji-scenes/sprites.js'],
  fingerprint: () => emojiSource.fingerprint({}),
  index: async (options) => ({ name: 'emoji_scenes', records: recordsOf(optionsOf(options).perArtist) }),
  size: (options) => optionsOf(options).size,
  async prepare(options, _size, progress) {
    const { size, perArtist, development, concepts } = optionsOf(options);
    const records = recordsOf(perArtist);
    // sharp is native and slow to load, and only pixels need it.
    const [{ drawScene }, { spritesOf }] = await Promise.all([import('./scene.js'), import('./sprites.js')]);
    const drawn: Omit<Scene, 'pixels'>[] = [];
    return {
      name: 'emoji_scenes', records, size, channels: 3,
      async decode(put) {
        for (const family of FAMILIES) {
          const sprites = await spritesOf(family, concepts, size);
          for (let number = 0; number < perArtist; number++) {
            const { pixels, ...scene } = drawScene(development ? `development/${family}` : family, number, size, sprites);
            await put(drawn.push(scene) - 1, pixels);
            progress(drawn.length, records.length);
          }
        }
        return [];
      },
      annotations: async () => annotationsOf(drawn, concepts, size),
    };
  },
  tasks: async (options) => sceneTasks(optionsOf(options).development),
  pretrain() {
    throw new DataError('has no images to pre-train on: its scenes show what the tasks ask for', { where: 'data source emoji_scenes', fix: 'Pre-train on the source emoji, which holds these concepts back.' });
  },
  task: (index, options, name, seed) => sceneTask(index, optionsOf(options), name, seed),
  credits: emojiSource.credits,
};

function annotationsOf(scenes: readonly Omit<Scene, 'pixels'>[], concepts: SceneConcepts, size: number): Annotations {
  let id = 0;
  // From 1 on: COCO's own tools take the id 0 for no match.
  const objects = scenes.map((scene) => scene.objects.map((object) => ({ id: ++id, ...object })));
  return {
    classes: concepts,
    labelClasses: [backgroundClass, ...concepts],
    sizes: scenes.map(() => ({ height: size, width: size })),
    objects: (index) => objects[index]!,
    labels: (index) => scenes[index]!.labels,
  };
}
