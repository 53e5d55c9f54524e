/**
 * What scenes are made of, by the names of the emoji source: concepts that its reported tasks hold back, so nothing is pre-trained on
 * them, each drawn by every artist family. Two of a domain at most and seven a side of the WordNet split (the first seven
 * lie on B, the others on A), chosen by eye for outlines that differ and can be told at 20 pixels. Places are left out, as
 * some artists draw them as pictures with a background of their own.
 */
export const sceneConcepts = [
  'elephant', 'penguin', 'octopus', 'cactus', 'strawberry', 'hamburger', 'doughnut',
  'crown', 'backpack', 'automobile', 'rocket', 'guitar', 'camera', 'open book',
] as const;

/** The same for tuning, from the development domains, so that no reported task has any of them: seven a side again. */
export const developmentConcepts = [
  'wolf', 'hamster', 'dove', 'lady beetle', 'sunflower', 'mushroom', 'lemon',
  'jack-o-lantern', 'soccer ball', 'bomb', 'hammer', 'wrench', 'door', 'bathtub',
] as const;

export type SceneConcepts = typeof sceneConcepts | typeof developmentConcepts;

export const conceptsOf = (development: boolean): SceneConcepts => (development ? developmentConcepts : sceneConcepts);
