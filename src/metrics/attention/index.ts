export { centredDisc, heaviestPatches, jaccard } from './overlap.js';
