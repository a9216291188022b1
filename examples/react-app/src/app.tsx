import { links, useRoute } from './route.ts';
import { ScopeProvider } from './scope.tsx';
import { CreateGroup } from './screens/create-group.tsx';
import { Group } from './screens/group.tsx';
import { GroupList } from './screens/group-list.tsx';
import { Operation } from './screens/operation.tsx';
import { SignIn } from './screens/sign-in.tsx';
import { SessionProvider } from './session.tsx';

export function App() {
  return (
    <SessionProvider signIn={(onKey, wasRejected) => <SignIn onKey={onKey} wasRejected={wasRejected} />}>
      <ScopeProvider>
        <Screen />
      </ScopeProvider>
    </SessionProvider>
  );
}

function Screen() {
  const [name, id] = useRoute();
  if (name === undefined) return <GroupList />;
  if (name === 'new') return <CreateGroup />;
  if (name === 'groups' && id !== undefined) return <Group key={id} id={id} />;
  if (name === 'operations' && id !== undefined) return <Operation key={id} id={id} />;
  return (
    <p className="empty">
      Page not found. <a href={links.groups}>Show all groups</a>
    </p>
  );
}
