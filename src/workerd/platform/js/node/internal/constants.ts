// Node's constant tables are data; see ../data.
import osConstants from '../data/os-constants.json';

export const signals: Record<string, number> = osConstants.signals;
export const errnos: Record<string, number> = osConstants.errno;
