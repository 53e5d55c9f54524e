/** What a segmentation task calls that which is no object. One without such a class does not tell objects apart. */
export const background = 'background';
