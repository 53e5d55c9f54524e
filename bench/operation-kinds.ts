/** What a native operation is made of, for the profile's summary. */
const kinds: readonly (readonly [kind: string, operations: RegExp])[] = [
  ['matrix product', /^(BatchMatMul|MatMul|_FusedMatMul|Conv)/],
  ['softmax', /^(Softmax|LogSoftmax)/],
  ['reduction', /^(Sum|Mean|Max|Min|Prod|UnsortedSegmentSum|ArgMax)/],
  ['moves and copies', /^(Transpose|Concat|Pack|Unpack|Slice|StridedSlice|Gather|Tile|Reshape|ExpandDims|Identity|Cast|Fill|Pad|ZerosLike|OneHot)/],
  ['update', /^(Resource|Assign|ReadVariable)/],
  ['elementwise', /^(Add|Sub|Mul|Div|RealDiv|Neg|Square|SquaredDifference|Rsqrt|Sqrt|Exp|Log|Erf|Pow|Maximum|Minimum|Select|Greater|Less|Tanh|Sigmoid)/],
];

export const kindOf = (op: string): string => kinds.find(([, operations]) => operations.test(op))?.[0] ?? 'other';
