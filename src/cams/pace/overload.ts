/** No call was started: a queue is full, or the maximum wait elapsed. */
export class Overload extends Error {
  override readonly name = 'Overload';
  constructor(
    readonly reason: 'queue-full' | 'waited-too-long',
    readonly retryAfterSeconds: number,
    /** Whether the queue is long because CAMS throttles the account. */
    readonly isThrottled: boolean,
  ) {
    super(reason);
  }
}
