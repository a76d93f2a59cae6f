// Words of the operator's pages.

export const admin = {};
