import { links } from '../route.ts';
import { useSession } from '../session.tsx';

export interface BusinessNumber {
  readonly custSpaceId: string;
  readonly businessNumber: string;
}

export interface HeaderProps {
  readonly tenantName: string;
  readonly numbers: readonly BusinessNumber[];
  readonly chosen: number;
  onChoose(index: number): void;
}

export function Header({ tenantName, numbers, chosen, onChoose }: HeaderProps) {
  const { signOut } = useSession();
  return (
    <header className="top">
      <a className="brand" href={links.groups}>
        Chat groups
      </a>
      <span className="muted">{tenantName}</span>
      <label className="number">
        <span className="visually-hidden">Business number</span>
        <select value={chosen} onChange={(event) => onChoose(Number(event.target.value))}>
          {numbers.map(({ custSpaceId, businessNumber }, index) => (
            <option key={`${custSpaceId} ${businessNumber}`} value={index}>
              +{businessNumber}
            </option>
          ))}
        </select>
      </label>
      <button onClick={signOut}>Sign out</button>
    </header>
  );
}
