export const { AbortController, AbortSignal } = internals.web;
