import type { Exposure, NegativeTransfer, Role } from '../../results/negative-transfer.js';
import { differenceChart } from '../charts/difference.js';
import type { Look } from '../charts/palette.js';
import type { Chart } from '../charts/svg.js';
import { count } from '../numbers.js';
import { controlName, negativeTransferSentence } from '../sentences.js';

export interface NegativeView {
  readonly method: string;
  readonly data: string;
  readonly exposures: readonly ExposureView[];
  readonly panels: readonly NegativePanel[];
}

export interface ExposureView {
  readonly role: string;
  readonly entry: string;
  readonly images: string;
  readonly classes: string;
  readonly steps: string;
  readonly imagesSeen: string;
}

export interface NegativePanel {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly controls: readonly { readonly title: string; readonly sentence: string; readonly chart: Chart }[];
}

const roleNames: Readonly<Record<Role, string>> = {
  full: 'full',
  'full-equal-steps': 'full, at the steps of a subset',
  'split-a': 'Split-A (inanimate)',
  'split-b': 'Split-B (organisms)',
  random: 'random subset of the same size',
};

const number = (value: number | null): string => (value === null ? 'not run' : count(value));

const exposureView = (exposure: Exposure): ExposureView => ({
  role: roleNames[exposure.role],
  entry: exposure.entry,
  images: number(exposure.images),
  classes: number(exposure.classes),
  steps: number(exposure.steps),
  imagesSeen: number(exposure.imagesSeen),
});

export function negativeView(view: NegativeTransfer, index: number, looks: ReadonlyMap<string, Look>): NegativeView {
  return {
    method: view.family.method,
    data: view.family.data,
    exposures: view.exposures.map(exposureView),
    panels: view.protocols.map(({ protocol, protocolHash, against }) => ({
      id: `negative-${index}-${protocol}`,
      name: protocol,
      hash: protocolHash,
      controls: against.map((one) => {
        const title = `Against ${one.entry}, ${controlName(one.control, view.family)}`;
        return {
          title,
          sentence: negativeTransferSentence(view, protocol, one),
          chart: differenceChart(`difference-${index}-${protocol}-${one.control}`, `${title}, by ${protocol}`, one, looks),
        };
      }),
    })),
  };
}
