-- All is indexed anew when the service starts, since words are folded in another way.
DELETE FROM settings WHERE name = 'search';
