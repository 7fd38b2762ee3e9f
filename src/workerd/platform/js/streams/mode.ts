// Where workerd's streams depart from the standard and no flag of their own switches it, these two flags ask for the standard.
import { flags } from '../flags';

export function specMode(): boolean {
  return flags.pedantic_wpt === true || flags.typescript_implemented_streams === true;
}
