/** The operator gave something that the tracker cannot use; the message is the sentence to show. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
