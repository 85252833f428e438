# memcached's own tests, unchanged, against the image: perl -MOnImage t/getset.t
#
# Where a test starts a memcached with options, the guest is booted again with them, and the test gets a
# connection to it. There is one guest, so a second server with equal options is the first one. A test that goes on
# with its first server behind a second one with other options gets one that serves both: OPTIONS.
#
# In the environment: HOST, PORT, CONTROL and ANSWER (docs/testing.md); HELP, what memcached -h says; OPTIONS or nothing.
package OnImage;
use strict;
use warnings;
use lib 't/lib';
use IO::Socket::INET;
use MemcachedTest ();

my $options_now;    # none before the first server

# Ask test-app for something; dies with its sentence if that is wrong.
sub ask {
    my ($line) = @_;
    open(my $control, '>', $ENV{CONTROL}) or die "cannot ask the guest: $!";
    print $control "$line\n";
    close $control;
    open(my $answer, '<', $ENV{ANSWER}) or die "no answer: $!";
    my $said = <$answer>;
    chomp $said;
    die "$said\n" if $said ne 'ok';
}

# What concerns this machine only: addresses, ports, users and privileges are the image's.
sub for_the_guest {
    my ($options) = @_;
    $options =~ s/(^|\s)-[lpU]\s*\S+/ /g;
    $options =~ s/(^|\s)-u\s*root/ /g;
    $options =~ s/^\s+|\s+$//g;
    return $options;
}

sub new_memcached {
    my ($options) = @_;
    my $wanted = $ENV{OPTIONS} || for_the_guest($options // '');
    my $peer = $ENV{HOST} . ':' . $ENV{PORT};
    if (!defined $options_now || $wanted ne $options_now) {
        ask("restart $wanted");
        $options_now = $wanted;
    }
    my $socket = IO::Socket::INET->new(PeerAddr => $peer) or die "cannot connect to $peer: $!";
    return Memcached::Handle->new(conn => $socket, host => $ENV{HOST}, port => $ENV{PORT});
}

no warnings 'redefine';
*MemcachedTest::new_memcached = \&new_memcached;
*MemcachedTest::print_help = sub { return $ENV{HELP} };
# The guest goes on when a test lets go of it.
*Memcached::Handle::DESTROY = sub { };
1;
