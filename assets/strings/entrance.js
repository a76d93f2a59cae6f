// Words of the ways in.

export const entrance = {
  email: 'E-mail address', password: 'Password', new_password: 'Password', password_hint: 'At least 8 characters.',
  sign_in: 'Sign in', sign_in_title: 'Welcome back', sign_in_about: 'Pictures, voices and films, made on this machine.',
  sign_up: 'Make my account', sign_up_title: 'Make an account', sign_up_about: 'Your first credit is on the house.',
  to_sign_up: 'Make an account', to_sign_in: 'Sign in', have: 'Have an account already?', have_none: 'New here?',
  wrong: 'This e-mail address and password don’t belong together.',
  invitation: 'Invitation', invitation_hint: 'The code of the invitation you were sent.', invited: 'You were invited. Choose how you sign in.',
  by_invitation: 'This appliance takes new people by invitation. Ask its operator for one.',
  closed_title: 'Sign-up is closed', closed: 'New accounts are made by the operator of this appliance. Ask them for one.',
  set_up: 'Begin', set_up_title: 'Set up your studio', set_up_about: 'You are the first here. This account will run the appliance.',
  no_token_title: 'Almost there', no_token: 'This appliance has no account yet. Open the set-up address that it printed when it started:',
  no_token_again: 'Gone? Restart the appliance, and it prints a new one.', address: 'Set-up address, or its token', address_go: 'Go on',
  wrong_token: 'This set-up address is not the one that was printed last, or it was used already.',
  again: 'Sign in again', ended: 'Your session has ended. Sign in and go on where you were; nothing is lost.',
  tagline: 'Your studio, on your machine',
};
