import type { SubmitEvent } from 'react';
import { type FilterStatus, STATUS_NAMES } from './status.tsx';

export interface Filter {
  readonly subject?: string;
  readonly status?: FilterStatus;
}

export interface ListFilterProps {
  readonly filter: Filter;
  onChange(filter: Filter): void;
}

/** Filters the list by subject and status; the gateway does the filtering. */
export function ListFilter({ filter, onChange }: ListFilterProps) {
  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const subject = String(form.get('filter-subject')).trim();
    const status = String(form.get('filter-status')) as FilterStatus | '';
    onChange({ ...(subject && { subject }), ...(status && { status }) });
  }

  return (
    <form className="row filter" role="search" onSubmit={submit}>
      <input
        className="grow"
        type="search"
        name="filter-subject"
        placeholder="Search by subject"
        aria-label="Subject"
        defaultValue={filter.subject}
      />
      <select
        name="filter-status"
        aria-label="Status"
        defaultValue={filter.status ?? ''}
        onChange={(event) => event.currentTarget.form?.requestSubmit()}
      >
        <option value="">Any status</option>
        {Object.entries(STATUS_NAMES).map(([status, name]) => (
          <option key={status} value={status}>
            {name}
          </option>
        ))}
      </select>
      <button>Search</button>
    </form>
  );
}
