// The worker's compatibility flags, one boolean for each enable flag; filled in by bootstrap.
export const flags: Record<string, boolean> = { __proto__: null } as unknown as Record<string, boolean>;

export function setFlags(enabled: readonly string[]): void {
  for (let i = 0; i < enabled.length; i++) flags[enabled[i]!] = true;
}
