// Words of the studio.

export const studio = {};
