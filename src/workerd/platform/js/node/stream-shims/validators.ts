export * from '../internal/validators';
