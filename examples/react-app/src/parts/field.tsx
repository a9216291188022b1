import type { ComponentProps } from 'react';

export interface FieldProps extends ComponentProps<'input'> {
  readonly label: string;
  readonly name: string;
  readonly hint?: string;
  /** What the gateway says is wrong with the value. */
  readonly violation: string | undefined;
}

/** A labelled text field that shows its violation. */
export function Field({ label, name, hint, violation, ...input }: FieldProps) {
  const note = violation === undefined ? hint : `${label} ${violation}`;
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <input
        {...input}
        id={name}
        name={name}
        aria-invalid={violation !== undefined}
        aria-describedby={`${name}-note`}
      />
      <p id={`${name}-note`} className={violation === undefined ? 'hint' : 'violation'}>
        {note}
      </p>
    </div>
  );
}
