export function Loading({ text = 'Loading…' }: { readonly text?: string }) {
  return (
    <p className="empty" role="status">
      <span className="spinner" aria-hidden="true" /> {text}
    </p>
  );
}
