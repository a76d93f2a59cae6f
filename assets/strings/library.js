// Words of the library.

export const library = {};
