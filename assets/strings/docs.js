// Words of the documentation.

export const docs = {};
