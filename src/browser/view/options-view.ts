import type { PreferenceKeeper, Preferences } from '../session/preferences.ts';
import { byId } from './elements.ts';

/** The switches of this chat. */
export interface OptionsView {
  dismiss(): void;
}

const SWITCHES: Record<keyof Preferences, string> = {
  sound: 'option-sound',
  notifications: 'option-notifications',
  typing: 'option-typing',
};

/** Finds the button and the dialog on the page. `onChange` is called with the name of what was switched. */
export function createOptionsView(
  preferences: PreferenceKeeper,
  onChange: (name: keyof Preferences) => void,
): OptionsView {
  const dialog = byId('options-dialog', HTMLDialogElement);
  const refused = byId('notifications-refused', HTMLParagraphElement);

  const fields = Object.entries(SWITCHES).map(
    ([name, id]) => [name as keyof Preferences, byId(id, HTMLInputElement)] as const,
  );
  for (const [name, field] of fields) {
    field.addEventListener('change', () => void change(name, field));
  }

  const change = async (name: keyof Preferences, field: HTMLInputElement): Promise<void> => {
    const isAllowed = name !== 'notifications' || !field.checked || (await askForNotifications());
    field.checked &&= isAllowed;
    refused.hidden = isAllowed;
    preferences.set({ [name]: field.checked });
    onChange(name);
  };

  byId('options', HTMLButtonElement).addEventListener('click', () => {
    for (const [name, field] of fields) field.checked = preferences.now()[name];
    dialog.showModal();
  });
  byId('options-close', HTMLButtonElement).addEventListener('click', () => {
    dialog.close();
  });

  return {
    dismiss() {
      dialog.close();
    },
  };
}

/** Only when somebody asks for it does the browser ask them. */
async function askForNotifications(): Promise<boolean> {
  if (!('Notification' in window)) return false;
  return (await Notification.requestPermission()) === 'granted';
}
