/** Numbers that others have published, each as its source has it: `baselines/published/*.json`. */
export interface PublishedFile {
  readonly schema: 1;
  readonly source: PublishedSource;
  readonly numbers: readonly PublishedNumber[];
}

export interface PublishedSource {
  /** As tags name it. */
  readonly id: string;
  readonly title: string;
  readonly authors: string | null;
  /** Where it is read: arXiv number or web address. */
  readonly address: string;
  /** true: it repeats what another source has published. */
  readonly secondary: boolean;
}

/** null: the source does not tell, or it has no meaning there. */
export interface PublishedNumber {
  /** `F:` was read in the source itself, `F2:` in a secondary one; then the source's id. Nothing else is a published number. */
  readonly tag: string;
  /** Table, figure or file of the source. */
  readonly where: string | null;
  /** As maskbench calls it, else as the source does. */
  readonly method: string;
  readonly model: string | null;
  readonly pretrainData: string | null;
  readonly epochs: number | null;
  /** Epochs times the views of an image in each, in images of full size. */
  readonly effectiveEpochs: number | null;
  readonly task: { readonly dataset: string; readonly kind: 'classification' | 'segmentation' | 'detection' } | null;
  readonly metric: string;
  /** `name`: maskbench's nearest protocol. */
  readonly protocol: { readonly name: string | null; readonly details: string };
  /** A difference or a ratio is to the method `against`. */
  readonly quantity: 'value' | 'difference' | 'ratio';
  readonly against: string | null;
  readonly value: number;
  readonly unit: '%' | 'points' | 'times' | 'h';
}
