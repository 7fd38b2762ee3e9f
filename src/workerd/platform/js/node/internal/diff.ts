// The shortest edit script between two lists (Myers, "An O(ND) difference algorithm and its variations", 1986).

/** 1: only in actual, -1: only in expected, 0: in both. */
export type Edit = [operation: -1 | 0 | 1, value: string];

/** Edits that turn `expected` into `actual`, in order. `same` decides which lines count as equal. */
export function diffLists(actual: readonly string[], expected: readonly string[],
  same: (a: string, b: string) => boolean = (a, b) => a === b): Edit[] {
  const n = actual.length;
  const m = expected.length;
  const max = n + m;
  const furthest = new Int32Array(2 * max + 1);
  const trace: Int32Array[] = [];
  let reached = -1;
  outer: for (let d = 0; d <= max; d++) {
    trace.push(furthest.slice());
    for (let k = -d; k <= d; k += 2) {
      const at = max + k;
      let x = k === -d || (k !== d && furthest[at - 1]! < furthest[at + 1]!) ? furthest[at + 1]! : furthest[at - 1]! + 1;
      let y = x - k;
      while (x < n && y < m && same(actual[x]!, expected[y]!)) {
        x++;
        y++;
      }
      furthest[at] = x;
      if (x >= n && y >= m) {
        reached = d;
        break outer;
      }
    }
  }
  const edits: Edit[] = [];
  let x = n;
  let y = m;
  for (let d = reached; d >= 0; d--) {
    const v = trace[d]!;
    const k = x - y;
    const previous = k === -d || (k !== d && v[max + k - 1]! < v[max + k + 1]!) ? k + 1 : k - 1;
    const px = d === 0 ? 0 : v[max + previous]!;
    const py = d === 0 ? 0 : px - previous;
    while (x > px && y > py) {
      edits.push([0, actual[x - 1]!]);
      x--;
      y--;
    }
    if (d === 0) break;
    if (x > px) edits.push([1, actual[--x]!]);
    else if (y > py) edits.push([-1, expected[--y]!]);
  }
  return edits.reverse();
}
