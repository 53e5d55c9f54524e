import type { Exposure, NegativeTransfer, Role } from '../../results/negative-transfer.js';
import { differenceChart } from '../charts/difference.js';
import type { Look } from '../charts/palette.js';
import type { Chart } from '../charts/svg.js';
import { listed, rangeText } from '../numbers.js';
import { controlName, negativeTransferSentences } from '../sentences.js';

interface NegativeView {
  readonly method: string;
  readonly data: string;
  readonly exposures: readonly ExposureView[];
  /** What the images of each entry show; none where the source has no groups. */
  readonly compositions: readonly string[];
  readonly panels: readonly NegativePanel[];
}

interface ExposureView {
  readonly role: string;
  readonly entry: string;
  readonly images: string;
  readonly classes: string;
  readonly steps: string;
  readonly imagesSeen: string;
}

interface NegativePanel {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly controls: readonly { readonly title: string; readonly sentences: readonly string[]; readonly chart: Chart | null }[];
}

const roleNames: Readonly<Record<Role, string>> = {
  full: 'full',
  'full-equal-steps': 'full, at the steps of a subset',
  'split-a': 'Split-A (inanimate)',
  'split-b': 'Split-B (organisms)',
  random: 'random subset of the same size',
};

const exposureView = ({ role, entry, seen }: Exposure): ExposureView => ({
  role: roleNames[role],
  entry,
  images: seen === null ? 'not run' : rangeText(seen.images),
  classes: seen === null ? '' : rangeText(seen.classes),
  steps: seen === null ? '' : rangeText(seen.steps),
  imagesSeen: seen === null ? '' : rangeText(seen.imagesSeen),
});

/** `mae-split-b: 965 of 1,285 images people & body, ...`, most first. */
const compositions = ({ entry, seen }: Exposure): readonly string[] =>
  (seen === null || seen.groups.length === 0 ? [] : [`${entry}: ${listed(seen.groups.map(({ name, images }, index) => `${rangeText(images)}${index === 0 ? ` of ${rangeText(seen.images)} images` : ''} ${name}`))}.`]);

export function negativeView(view: NegativeTransfer, index: number, looks: ReadonlyMap<string, Look>): NegativeView {
  return {
    method: view.family.method,
    data: view.family.data,
    exposures: view.exposures.map(exposureView),
    compositions: view.exposures.flatMap(compositions),
    panels: view.protocols.map(({ id, protocol, protocolHash, against }) => ({
      id: `negative-${index}-${id}`,
      name: protocol,
      hash: protocolHash,
      controls: against.map((one) => {
        const title = `Against ${one.entry}, ${controlName(one.control, view.family)}`;
        return {
          title,
          sentences: negativeTransferSentences(view, protocol, one),
          chart: differenceChart(`difference-${index}-${id}-${one.control}`, `Difference to ${one.entry} by ${protocol}, in percentage points`, one, looks),
        };
      }),
    })),
  };
}
