import { Dropdown, Menu, ToolbarButton } from '@grafana/ui';
import React from 'react';

/** Switches the user. Reloads the page, since Grafana's boot data contains the user. */
function switchTo(id: string): void {
  const url = new URL(window.location.href);
  url.searchParams.set('user', id);
  window.location.assign(url);
}

/** Switches between the two users of the playground, to show user attribution. */
export function UserMenu() {
  const { user, users } = window.playgroundData;
  const menu = (
    <Menu>
      {users.map((each) => (
        <Menu.Item
          key={each.id}
          label={`${each.name} <${each.email}> (${each.login})`}
          description={each.role}
          active={each.id === user.id}
          onClick={() => switchTo(each.id)}
        />
      ))}
    </Menu>
  );
  return (
    <Dropdown overlay={menu} placement="bottom-end">
      <ToolbarButton icon="user" variant="canvas" isOpen={false} aria-label={`Signed in as ${user.name}, switch user`}>
        {user.login}
      </ToolbarButton>
    </Dropdown>
  );
}
