# memcached's own tests, unchanged, against the image: perl -MOnImage t/getset.t
#
# Where a test starts a memcached with options, the guest is booted again with them, and the test gets a
# connection to it. There is one guest: a test that needs two servers at once, a file of this machine or
# memcached's debug build cannot run (omitted.txt has them with the reason of each).
#
# In the environment: HOST, PORT, CONTROL and ANSWER (docs/testing.md); HELP, what memcached -h says.
package OnImage;
use strict;
use warnings;
use lib 't/lib';
use IO::Socket::INET;
use MemcachedTest ();

my $options_now = '';

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
    my $wanted = for_the_guest($options // '');
    my $stop = $ENV{HOST} . ':' . $ENV{PORT};
    ask("restart $wanted");
    my $socket = IO::Socket::INET->new(PeerAddr => $stop) or die "cannot connect to $stop: $!";
    return Memcached::Handle->new(conn => $socket, host => $ENV{HOST}, port => $ENV{PORT});
}

no warnings 'redefine';
*MemcachedTest::new_memcached = \&new_memcached;
*MemcachedTest::print_help = sub { return $ENV{HELP} };
# The guest goes on when a test lets go of it.
*Memcached::Handle::DESTROY = sub { };
1;
